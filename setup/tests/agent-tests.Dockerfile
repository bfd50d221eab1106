# The agent's tests beside the golden files that they read; made and removed by setup/tests/agent-tests.ts.
FROM carrel-kernel:latest
COPY kernel-image/agent /opt/tests/kernel-image/agent
COPY test/golden/agent-frames /opt/tests/test/golden/agent-frames
WORKDIR /opt/tests/kernel-image/agent
ENV PYTHONDONTWRITEBYTECODE=1
ENTRYPOINT ["python3", "-m", "unittest", "discover", "-v", "-t", ".", "-s", "tests"]
CMD []
