"""What turns the book into a site that runs the course in the browser."""
