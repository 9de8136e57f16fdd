"""`python -m evometa`: the command line, whatever the PATH holds."""

from evometa.cli import main

if __name__ == "__main__":
    main()
