#!/bin/sh
set -eu
for step in 'Fetching' 'Checking' 'Switching to'; do
  printf '%s version %s on %s (a sample: nothing is deployed)\n' "$step" "$version" "$place"
  sleep 1
done
echo 'Done.'
