"""A team's playbook: what it wrote (`book`), its file, its targets, and what a friendly reader would say of it."""
