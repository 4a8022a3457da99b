"""The reference page of files of shipments, written from the sheet and the limits so that they cannot drift apart."""

from __future__ import annotations

from networx.domain.bad_rows_book import ROW, ROWS, SHEET
from networx.domain.sheets.shipments import CHARGES, MODE_WORDS, SHIPMENTS
from networx.errors import RefusedInput
from networx.ingest.bad_rows import MOST_CHARACTERS
from networx.ingest.freight_cells import LARGEST_CHARGE
from networx.ingest.problems import PROBLEMS_KEPT
from networx.ingest.recognise import DELIMITERS, KNOWN_COLUMNS, TITLE_ROWS
from networx.ingest.refusals import Refusal
from networx.ingest.repeats import MOST_HELD
from networx.ingest.workbook_page import sheet_section


def render_shipments_page() -> str:
    """The text of docs/shipments.md."""
    return "\n\n".join([_INTRODUCTION, sheet_section(SHIPMENTS), _RULES, _CORRECTIONS, _DEMAND, _COST]) + "\n"


def _refusals() -> str:
    told = {
        Refusal.NOTHING_TO_CORRECT: (
            "no file of yours has that content, or it waits no more",
            "upload the file and wait until it waits; or mend the file itself",
        ),
        Refusal.OTHER_FILE: ("it was sent for one upload and holds the rows of another", "download the bad rows anew"),
        Refusal.MISSING_SHEET: (
            f"no sheet *{ROWS}* shows, or it does not begin with `{SHEET}` and `{ROW}`",
            "correct the workbook as it was downloaded",
        ),
        Refusal.NOT_A_WORKBOOK: ("it is text, or something else", "save the workbook as .xlsx"),
        Refusal.FILE_TOO_LARGE: (
            f"more than {PROBLEMS_KEPT:,} rows or {2 * MOST_CHARACTERS:,} characters",
            "mend the file itself",
        ),
        "FILE_GONE": ("the file was deleted from the store", "upload the file again, mended"),
        RefusedInput.code: ("what its problems name, one by one", "mend that, and send it again"),
    }
    return "\n".join(f"| `{code}` | {why} | {cure} |" for code, (why, cure) in told.items())


_INTRODUCTION = f"""# Shipments

What was shipped and what was paid for it, as carriers and transport management systems export it: a CSV file, or a
workbook (.xlsx) with one tab or several. Upload it as any file; it becomes a dataset of domain *transport*, which a
[baseline](models/baseline.md) is made of, [rates](models/rates.md) may be fitted to, and
[demand and lanes](#demand-and-lanes) may be taken from.

**Recognised by its columns.** The header is the first row, among the first {TITLE_ROWS} that are filled, with at least
{KNOWN_COLUMNS} of the headers below and a charge among them. Titles above it are passed over, and the dataset says so.
Headers are matched without regard to case, spaces and underscores. A workbook with the sheets Facilities or
Destinations is a network, whatever else it holds.

**Tabs** with that header are appended, whatever they are called; each row keeps its tab's name. Hidden tabs and tabs
for readers (`Notes`, `Sources`, `Read me`) are not read, and named. Any other tab that holds something is refused.

**CSV** is UTF-8, UTF-16 with its byte order mark, or else Windows' CP1252 (said in a warning). The delimiter
({", ".join(f"`{one}`" for one in DELIMITERS[:2])}, tab or `|`) is the one by which the most columns are known.

**What is wrong with the file refuses it**: an unknown column or tab, a total that does not agree, two rows of one
shipment that contradict each other. Every problem is named by tab, row, column, value and rule, and nothing of the
file stays.

**Rows with a bad cell wait for a decision.** Where they are all that is wrong, and shipments are left without them,
the upload is `needs_decision` and says how many rows they are, and the dollars and units that they state; of rows
whose charge cannot be read it says how many. Nothing is loaded until a person goes on without them (then just those
rows are left out, `bad` in the account, and every result says how many and how many dollars) or refuses the file.
*Bad rows* of the page, `GET /api/uploads/UPLOAD/bad-rows.xlsx` and `networx check FILE --bad-rows ROWS.xlsx` are a
workbook of them: sheet, row, what is wrong and what to do, and all cells of the row, the bad ones coloured, of up to
{PROBLEMS_KEPT:,} problems and {MOST_CHARACTERS:,} characters. It can be [sent back corrected](#corrections).
Once the file is refused the cells are gone. The same file uploaded again is known by its content: nobody is
asked again, the dataset that was decided about last is used, and its warnings say what was left out or corrected.
In the terminal `--without-bad-rows` goes on without them. Nothing is guessed: a direction that is not stated stays
empty, a ZIP code abroad is left empty and the place is named instead.

This page is generated from the code; a test compares the two."""

_RULES = f"""## The rules

**The charge** of a row is the first that it states of {", ".join(f"`{name}`" for name in CHARGES)}: net before gross.
All three are whole charges, fuel and accessorials included; `fuel_charge` and `accessorial_charge` say how much of it
they are and are never added. Where rows of one file state different ones, a warning counts them.

**Dollars** are whole cents. An amount finer than a cent is rounded by itself, half a cent away from zero, and counted
in a warning. A credit is negative. A row beyond {LARGEST_CHARGE:,.0f} dollars is refused.

**ZIP codes** keep their zeros; those that a spreadsheet took from the front (a number, or three or four digits in a CSV
file) are put back, and counted in a warning. Nine digits are a ZIP+4.

**Modes** may be written in other words that mean the same beyond doubt:
{", ".join(f"`{word}`" for word in MODE_WORDS)}.

**One shipment once.** Rows with the same `order_id` and `tracking_number` are one shipment, wherever they stand in the
file:

- a row that repeats another in every cell is left out (`repeated`): its charge stands there already;
- rows that differ in charges alone are charges of the shipment, which are added; a cell that is empty or 0 in one of
  them takes what another says;
- rows that state anything else differently refuse the file, and both are named: nobody can say which is right.

A row without a tracking number is a shipment of its own. More than {MOST_HELD:,} shipments whose rows stand far apart
are too many to hold: sort such a file. One file is one dataset.

**Totals.** A row whose first filled cell is `Total`, `Subtotal` or `Grand total` is left out (`total`), and what it
says must be what the rows above it add up to: since the total before it, in its tab, or in the whole file. If not, the
file is refused.

**The account.** Of each tab the dataset says the rows and dollars that were read, kept and left out, by reason; read =
kept + left out, to the cent (`account` of `GET /api/datasets/{{id}}`)."""

_CORRECTIONS = f"""## Corrections

A correction is the workbook of bad rows with its cells mended, uploaded while the file waits: *Send them corrected* of
the page, `POST /api/uploads?corrects=UPLOAD`, or as any file, by `aws s3 cp` too. Where no upload is named with it, the
name of its sheet *Correction ...* says whose rows it holds, by the file's SHA-256, and it corrects the newest file of
that content that waits. `networx check FILE --corrected ROWS.xlsx` says what it would come to, and loads nothing.

Its rows take the place of the file's own, by `{SHEET}` and `{ROW}`. What comes of it is what would come of the file
mended at those rows: totals, rows of one shipment, account and digest are those of the whole. Results name the
correction with its rows and dollars. The correction, the file and the dataset change together or not at all.

| what it holds | what becomes of it |
|---|---|
| all bad rows, mended | the file is loaded, and the correction with it |
| some rows that can be read now; others were removed, or are bad yet | the file waits on, for the others alone |
| a row that was corrected before | the later correction of a row counts, and says so |
| no row that can be read now | refused; the file waits as it did |
| rows by which a total or a shipment no longer agrees | refused, each named; the file waits as it did |
| a row that was not bad, or stands there twice, or is empty | refused, named by its cell; the file waits as it did |
| a column of the file is missing, or another has values | refused, named by its header; the file waits as it did |
| the content of a correction that was taken before | recognised; it changes nothing |

A file that waits on may be corrected again, with its bad rows downloaded anew or with the same workbook. Corrections of
one file are read one after another. A decision made while one is read counts, and the correction is refused. A file
that is refused takes its corrections with it.

| refused with | why | what to do |
|---|---|---|
{_refusals()}"""


_DEMAND = """## Demand and lanes

    networx demand SHIPMENTS --by zip3 -o demand.xlsx

writes two sheets for a network's workbook: *Destinations*, one a ZIP3 and named after it (a ZIP5 with `--by zip5`, the
client's own name with `--by name`, as of `examples/shipments.csv`), and *Lanes*, one a pair and mode. With Facilities,
named as the origins of Lanes, and Parameters beside them they are a network. On the platform it is the button
*Destinations and lanes* of an uploaded file of shipments, and `GET /api/datasets/{id}/demand.xlsx?by=zip3`. Only sums
are written:

- `demand_units` are the units that went there. They are of the days that the shipments are of, which Notes says, and
  nothing is multiplied. Who states how many months they cover (`--months 3`) has them x 12 / 3. Shipments of more than
  a year are refused until `--year` takes one year of them or `--months` states how many months they are; months that
  have fewer days than the shipments are refused.
- `cost_per_unit` is what was paid on the lane by its mode, credits taken off, divided by its units. The sheet *Sources*
  has the shipments, units and dollars behind each. Where credits are more than charges there is no price: the lane is
  left out of Lanes, not of Sources, its units stay demand, and Notes says so.
- An *origin* is the client's name of it where the row has one, else its five-digit ZIP code.
- A ZIP5 that the Census has a place for has it in `zip`. A ZIP3 is an area: no coordinates are made up for it, nor is
  a ZIP for a name.
- A shipment whose direction is not stated counts as a delivery to a customer, and Notes says how many do.

Left out, each with its shipments, units and dollars in Notes, by the first reason that holds: inbound, transfer,
another year than the one asked for, no destination ZIP (by name, no name), no units above 0. Demand and what is left
out are all shipments of the dataset, and their dollars what its account says was kept, to the cent; otherwise nothing
is written.

1,200,000 shipments as 53,000 lanes to 896 ZIP3 take 5 s of processor time and 87 MB (one core, 2026-11, without reading
them), as 685,000 lanes to 34,000 ZIP5 46 s and 330 MB. The platform adds up to 2,000,000 shipments while one waits,
within 60 s of processor time and 512 MiB; the terminal any number."""

_COST = """## What it takes

A CSV file of 154 MB (1,221,000 rows of 18 columns, each with a tracking number of its own), one core of the machine
that the [other figures](performance.md) are of, 2026-11: the confined child takes 35 s of processor time and 51 MB at
its peak, of which 37 MB are Python with its libraries before the first row.

The file is read twice, first for the keys of shipments alone. Memory holds 8 bytes a row and what waits for further
charges; everything else streams. The limits of the job that reads it are those of
[what runs](operations/topology.md)."""
