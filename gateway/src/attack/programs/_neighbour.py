"""The victim: a worksheet that leaves its mark wherever a careless neighbour could look. MARK and PORT come from SETTINGS."""
MARK = SETTINGS["mark_reversed"][::-1]
for place in writable_places():
    with open(os.path.join(place, "answers-%s.txt" % MARK), "w") as file:
        file.write("mark of the neighbour: %s" % MARK)
speaker = socket.socket(socket.AF_INET)
speaker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
speaker.bind(("0.0.0.0", SETTINGS["port"]))
whisperer = socket.socket(socket.AF_UNIX)
whisperer.bind("\0carrel-" + MARK)


def serve(listener):
    while True:
        guest = listener.accept()[0]
        guest.sendall(MARK.encode())
        guest.close()


for listener in (speaker, whisperer):
    listener.listen()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
sleeper = [sys.executable, "-c", "import time; time.sleep(900)", MARK]
companion = subprocess.Popen(sleeper, env={**os.environ, "MARK": MARK})
print("the neighbour is at home")
