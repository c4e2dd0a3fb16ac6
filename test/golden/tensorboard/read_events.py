"""Reads an event file with TensorBoard's own reader (pip install tensorboard) and prints what it holds as JSON.

    python3 test/golden/tensorboard/read_events.py test/golden/tensorboard/events.out.tfevents.bupo-bench
"""

import json
import sys

from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

events = []
for event in LegacyEventFileLoader(sys.argv[1]).Load():
    entry = {"wallTime": event.wall_time}
    if event.file_version:
        entry["fileVersion"] = event.file_version
    else:
        entry["step"] = event.step
        entry["scalars"] = {value.tag: value.simple_value for value in event.summary.value}
    events.append(entry)
json.dump(events, sys.stdout, indent=1)
print()
