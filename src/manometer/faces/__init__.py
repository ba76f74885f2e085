"""What people see: the command line. Each command is a view's data and a renderer, no arithmetic."""
