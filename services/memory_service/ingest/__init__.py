"""What every memory passes on its way in: its text, its vector, its postings."""
