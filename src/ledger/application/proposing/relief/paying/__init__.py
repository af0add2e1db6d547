"""What goes to the bank and what it answers: pay files, results line by line, and whom they were for."""
