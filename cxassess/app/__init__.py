"""The assessment as an app for a room: everybody answers on a phone, each with files of their own."""
