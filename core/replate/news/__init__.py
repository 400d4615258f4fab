"""What is told while frames are made, and afterwards: progress in the words of terminals and farms, the report."""
