"""What all accounts and regions of one emulator share: time, faults, trainings, bill and calls."""
