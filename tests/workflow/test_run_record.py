"""What a finished run says about itself."""

from akitaflow.files import read_table
from akitaflow.run_warnings import COLUMNS


def test_warnings_of_a_small_study_are_listed(finished):
    table = read_table(finished.path("results/run/warnings.tsv"))
    assert table.columns.tolist() == COLUMNS
    assert table["stage"].unique().tolist() == ["windows"]  # its reads and maps are complete
    few = table.loc[table["what"] == "few windows", "subject"].tolist()
    assert few == ["split main, fold valid", "split main, fold test"]
    page = finished.path("results/run/warnings.html").read_text()
    assert all(subject in page for subject in few)


def test_the_chromosomes_of_a_map_add_up_to_its_contacts(finished):
    chromosomes = read_table(finished.path("results/mapping/A/chromosomes.tsv"))
    (row,) = read_table(finished.path("results/mapping/A/map.tsv")).itertuples()
    assert chromosomes["cis_contacts"].sum() + chromosomes["trans_contacts"].sum() / 2 == row.contacts
    assert chromosomes["filtered_bins"].sum() == row.filtered_bins
