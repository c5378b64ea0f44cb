"""What a battery is: frozen values, no I/O, no clock."""
