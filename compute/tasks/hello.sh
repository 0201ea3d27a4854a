#!/bin/sh
set -eu
printf 'Hello, %s!\n' "$who"
