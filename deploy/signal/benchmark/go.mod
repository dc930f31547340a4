module plimsoll/deploy/signal/benchmark

go 1.26.8

require plimsoll v0.0.0

require go.yaml.in/yaml/v3 v3.0.6 // indirect

replace plimsoll => ../../..
