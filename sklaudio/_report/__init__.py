"""What a report is made of; the report itself is :func:`sklaudio.report`."""
