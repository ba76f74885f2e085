"""stub"""
def machines() -> int:
    return 0
