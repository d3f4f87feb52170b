"""Every model, tool and memory call, written before it is made and after it has ended."""
