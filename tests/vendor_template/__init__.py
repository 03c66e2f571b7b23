"""What ``make new-vendor`` copies: a whole vendor, called toy here."""
