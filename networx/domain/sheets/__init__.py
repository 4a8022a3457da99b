"""The sheets of the network workbook, a module a subject; `networx.domain.schema` has them all."""
