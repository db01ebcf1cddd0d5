"""What a site embeds: widgets, visitor tokens, the script and the frame."""
