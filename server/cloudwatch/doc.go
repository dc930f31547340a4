// Package cloudwatch asks Amazon CloudWatch for timeseries, by its published description of
// GetMetricData (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html).
package cloudwatch
