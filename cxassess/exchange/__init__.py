"""What a team takes away and brings back: documents, spreadsheets and sheets to print."""
