# shellcheck shell=bash disable=SC2034
# What a host of the sandbox has done, or cannot do because kernel, clock and swap are those of the machine it runs on.
image_did+=(load_modules turn_swap_off keep_time watch_host)
