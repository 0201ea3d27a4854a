#!/bin/sh
set -eu
left=${seconds:-20}
while [ "$left" -gt 0 ]; do
  echo "$left"
  sleep 1
  left=$((left - 1))
done
echo 'Done.'
