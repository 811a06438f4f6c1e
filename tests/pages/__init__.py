"""What must hold of every page, looked at by everybody: validity, weight, contrast, width."""
