"""One file an exporter, each a row of `domain.exporters.EXPORTERS`."""
