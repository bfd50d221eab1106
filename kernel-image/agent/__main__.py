"""`python3 -I -S /usr/lib/carrel` runs the agent."""

from carrel_agent.agent import main

main()
