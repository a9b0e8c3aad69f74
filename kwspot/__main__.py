"""`python -m kwspot` is the command `kwspot`."""

from kwspot.cli.main import main

if __name__ == "__main__":
    main()
