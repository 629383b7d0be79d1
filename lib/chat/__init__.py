"""Messages to channels of Slack and Microsoft Teams."""
