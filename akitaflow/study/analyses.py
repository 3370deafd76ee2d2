"""Settings of the analyses of a study, its predictions and variants that follow from several keys of the config."""

from akitaflow.genome.intervals import parse_region
from akitaflow.geometry import extension


class Analyses:
    """Methods of :class:`akitaflow.study.study.Study` about analyses, predictions and variants."""

    def shown_motif(self):
        """Name of the set of motifs in figures: the first of ``mutagenesis.motifs``, or CTCF if it is empty."""
        return next(iter(self.config["mutagenesis"]["motifs"]), "CTCF")

    def motif_margin(self):
        """Length (bp) at both ends of a window in which sites are not changed."""
        geometry = self.config["geometry"]
        return 0 if self.config["mutagenesis"]["margin"] else geometry["crop_bins"] * geometry["bin_size"]

    def splits_of_figures(self):
        """Names of the splits whose windows are in the figures: that of ``figures.model`` and of the other genome."""
        if not self.config["models"]:
            return []
        compared = [self.config["cross_species"]["split"]] if self.cross_species_repeats() else []
        return list(dict.fromkeys([self.split_of_figures(), *compared]))

    def datasets_of_region(self, model):
        """Datasets whose maps give the target of ``region_panels.window``; empty if it is null."""
        return self.compared_outputs(model) if self.config["region_panels"]["window"] else []

    def strength_datasets(self):
        """The datasets whose strength of patterns is drawn: that of the figures, then the other outputs with tracks.

        None without a model.
        """
        figures = self.config["figures"]
        if not self.config["models"]:
            return []
        others = [name for name in self.compared_outputs(figures["model"]) if self.config["tracks"].get(name)]
        return list(dict.fromkeys([figures["dataset"], *others]))

    def cell_type_datasets(self):
        """Datasets of the predicted difference: ``cell_types.datasets``, or the first two outputs of ``figures.model``.

        Fewer than two if the model has one output; empty without a model.
        """
        if self.config["cell_types"]["datasets"]:
            return self.config["cell_types"]["datasets"]
        return self.compared_outputs(self.config["figures"]["model"])[:2] if self.config["models"] else []

    def ctcf_independent_dataset(self):
        """Name of the dataset of the analysis of structure without CTCF."""
        return self.config["ctcf_independent"]["dataset"] or self.config["figures"]["dataset"]

    def ctcf_independent_tracks(self):
        """CTCF and DNase bigWig of this dataset as in the config; empty if one is missing."""
        tracks = self.config["tracks"].get(self.ctcf_independent_dataset(), {})
        return [tracks[name] for name in ("CTCF", "DNase")] if {"CTCF", "DNase"} <= set(tracks) else []

    def cross_species_genome(self):
        """Name of the genome of ``cross_species.split``, or None."""
        split = self.config["cross_species"]["split"]
        return self.config["splits"][split]["genome"] if split else None

    def cross_species_output(self):
        """Name of the model output that is compared with the map of the other genome."""
        return self.config["cross_species"]["output"] or self.config["figures"]["dataset"]

    def cross_species_repeats(self):
        """RepeatMasker table of the other genome as in the config, or None."""
        genome = self.cross_species_genome()
        return self.config["genomes"][genome]["repeatmasker"] if genome else None

    def shown_deletion(self):
        """Name of the deletion in figures: the first of ``deletions``, or None."""
        return next(iter(self.config["deletions"]), None)

    def genome_of_deletion(self, name, model):
        """Name of the genome of a deletion; the model's genome by default."""
        return self.config["deletions"][name]["genome"] or self.genome_of_model(model)

    def motif_of_deletion(self, name):
        """Name of the set of motifs whose sites in the boundary are deleted."""
        return self.config["deletions"][name]["sites"]["motif"] or self.shown_motif()

    def track_of_deletion(self, name):
        """The CTCF bigWig by which the sites of a deleted boundary are ranked, as in the config, or None."""
        track = self.config["deletions"][name]["sites"]["track"]
        return self.config["tracks"].get(track, {}).get("CTCF", track)

    def extension_of_deletion(self, name):
        """bp by which the window of a deletion is extended to the left and to the right to keep its length."""
        region = parse_region(self.config["deletions"][name]["deletion"])
        return extension(region.end - region.start, self.config["geometry"]["bin_size"])

    def output_of_deletion(self, name):
        """Name of the model output in the figures of a deletion."""
        return self.config["deletions"][name]["dataset"] or self.config["figures"]["dataset"]

    def maps_of_deletion(self, name):
        """Datasets of the measured maps, [undeleted, deleted]; empty if there is no map of the deletion."""
        if name is None:
            return []
        measured = self.config["deletions"][name]["measured"]
        if not measured["deletion"]:
            return []
        return [measured["wild_type"] or self.output_of_deletion(name), measured["deletion"]]

    def has_five_c(self, name):
        """Whether a deletion, None for none, has a 5C experiment, at least of the undeleted cells."""
        return name is not None and self.config["deletions"][name]["five_c"] is not None

    def has_five_c_of_deletion(self, name):
        """Whether a deletion, None for none, has a 5C experiment of the cells with the deletion."""
        return self.has_five_c(name) and self.config["deletions"][name]["five_c"]["deletion"] is not None

    def genome_of_prediction(self, name):
        """Name of the genome of a prediction; the model's genome by default."""
        prediction = self.config["predictions"][name]
        return prediction["genome"] or self.genome_of_model(prediction["model"])

    def model_of_variants(self, name):
        """Name of the model that scores a set of variants; that of the figures by default."""
        return self.config["variants"]["sets"][name]["model"] or self.config["figures"]["model"]

    def variants_of_model(self, model):
        """Names of the sets of variants that a model scores, in the config's order."""
        return [name for name in self.config["variants"]["sets"] if self.model_of_variants(name) == model]

    def reading_of_variants(self, name):
        """How the file of a set of variants is read: format, bed_kind, sample."""
        return {key: self.config["variants"]["sets"][name][key] for key in ("format", "bed_kind", "sample")}

    def scoring_of_variants(self):
        """How all variants are scored: average, supremo and insulation_bins of ``variants``."""
        return {key: self.config["variants"][key] for key in ("average", "supremo", "insulation_bins")}

    def genome_of_variants(self, name):
        """Name of the genome of a set of variants, which is that of its model."""
        return self.genome_of_model(self.model_of_variants(name))

    def device_of_variants(self, name):
        """Device on which a set of variants is scored, which is that of its model."""
        return self.config["models"][self.model_of_variants(name)]["training"]["device"]

    def files_of_variants(self, model, key):
        """Local paths of ``file`` or ``chain`` of the sets of variants of a model; None for no chain."""
        sets = self.config["variants"]["sets"]
        return [self.local_file(sets[name][key]) for name in self.variants_of_model(model)]

    def background_of_variants(self, name, file):
        """Path of a file of the random variants of a set's model; [] if scores are not compared with any."""
        if not self.config["variants"]["random"]:
            return []
        return f"results/variants/background/{self.model_of_variants(name)}/{file}"

    def output_of_variants(self, name):
        """Model output of the figures of a set of variants: that of ``figures``, or the model's first one."""
        outputs = self.model_outputs(self.model_of_variants(name))
        return self.config["figures"]["dataset"] if self.config["figures"]["dataset"] in outputs else outputs[0]

    def ctcf_of_variants(self, name):
        """CTCF bigWig of this output as in the config, or None."""
        return self.config["tracks"].get(self.output_of_variants(name), {}).get("CTCF")

    def model_of_experiment(self, kind, name):
        """Name of the model of an entry of ``saturation`` or ``experiments``; that of the figures by default."""
        return self.config[kind][name]["model"] or self.config["figures"]["model"]

    def output_of_experiment(self, kind, name):
        """Model output of its figure: that of ``figures``, or the model's first one."""
        outputs = self.model_outputs(self.model_of_experiment(kind, name))
        return self.config["figures"]["dataset"] if self.config["figures"]["dataset"] in outputs else outputs[0]

    def genome_of_saturation(self, name):
        """Name of the genome of a saturation mutagenesis, which is that of its model."""
        return self.genome_of_model(self.model_of_experiment("saturation", name))

    def device_of_experiment(self, kind, name):
        """Device on which it is predicted, which is that of its model."""
        return self.config["models"][self.model_of_experiment(kind, name)]["training"]["device"]
