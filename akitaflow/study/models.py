"""Models of a study, their outputs and their alternatives."""

from akitaflow.errors import InputError
from akitaflow.study.alternative_models import BASE, kind


class Models:
    """Methods of :class:`akitaflow.study.study.Study` about models."""

    def model_outputs(self, model):
        """Names of a model's outputs in order: those of ``weights`` if it is imported, else its split's datasets."""
        weights = self.config["models"][model]["weights"]
        return list(weights["outputs"]) if weights else self.datasets_of_split(self.config["models"][model]["split"])

    def measured_outputs(self, model):
        """Outputs of a model that have targets in its split, in the model's order. May be empty."""
        measured = self.datasets_of_split(self.config["models"][model]["split"])
        return [name for name in self.model_outputs(model) if name in measured]

    def compared_outputs(self, model):
        """:meth:`measured_outputs` of a model that is evaluated.

        Raises
        ------
        InputError
            If there are none. Such a model can predict, and a training can start from it.
        """
        outputs, split = self.measured_outputs(model), self.config["models"][model]["split"]
        if not outputs:
            raise InputError(
                f"{self.source}, models.{model}: it predicts {', '.join(self.model_outputs(model))}, and split {split} "
                f"has targets of {', '.join(self.datasets_of_split(split))}, so it cannot be evaluated; evaluate a "
                "model trained on them"
            )
        return outputs

    def imported_models(self):
        """Names of the models whose weights are imported from a file."""
        return [name for name, model in self.config["models"].items() if model["weights"]]

    def trained_models(self):
        """Names of the models that the workflow trains."""
        return [name for name, model in self.config["models"].items() if not model["weights"]]

    def split_of_model(self, model):
        """Name of the split on which a model is trained, or analysed if it is imported."""
        return self.config["models"][model]["split"]

    def genome_of_model(self, model):
        """Name of the genome of a model's split."""
        return self.config["splits"][self.split_of_model(model)]["genome"]

    def gpus_of_model(self, model):
        """Number of GPUs of a job that predicts with a model: 0 if its ``device`` is ``cpu``, else 1."""
        return 0 if self.config["models"][model]["training"]["device"] == "cpu" else 1

    def gpus_of_training(self, model):
        """Number of GPUs of a job that trains a model: its ``gpus``, or 0 if its ``device`` is ``cpu``.

        ``gpus: all`` uses every GPU of the job; 1 is requested.
        """
        gpus = self.config["models"][model]["training"]["gpus"]
        return 1 if self.gpus_of_model(model) and gpus == "all" else self.gpus_of_model(model) and gpus

    def enzymes_of_model(self, model):
        """Recognition sequence of the enzyme of each of a model's compared datasets, in the model's order."""
        return {dataset: self.datasets.loc[dataset, "enzyme"] for dataset in self.compared_outputs(model)}

    def datasets_with_ceiling(self, model):
        """Datasets of a model whose split-read ceiling is measured.

        Empty if ``evaluation.ceiling`` is false or the records of its split are imported, because the ceiling needs
        the contacts of a map.
        """
        records = self.config["splits"][self.split_of_model(model)]["records"]
        return [] if records or not self.config["evaluation"]["ceiling"] else self.compared_outputs(model)

    def filters_of_search(self, model):
        """Largest number of filters of a search trial relative to the model's number, at least 1."""
        filters = self.config["search"]["space"]["filters"]
        return max(1, filters["high"] / self.config["models"][model]["architecture"]["stem_filters"]) if filters else 1

    def alternatives(self):
        """Settings of the alternatives of ``figures.model`` by name, the base first; empty without a model."""
        return self.config["comparison"]["alternatives"] if self.config["models"] else {}

    def alternatives_about(self, *kinds):
        """Descriptions of the base and of the alternatives of some kinds, by name, in order.

        Parameters
        ----------
        *kinds : {"architecture", "tasks", "data"}
            See :func:`akitaflow.study.alternative_models.kind`.
        """
        return {
            name: alternative["description"]
            for name, alternative in self.alternatives().items()
            if name == BASE or kind(alternative) in kinds
        }

    def target_settings(self, alternative=None):
        """Settings of the targets without ``min_finite``, which only selects windows.

        Parameters
        ----------
        alternative : str, optional
            Name of an alternative whose ``targets`` override those of the study.
        """
        targets = {key: value for key, value in self.config["targets"].items() if key != "min_finite"}
        return {**targets, **self.alternatives()[alternative]["targets"]} if alternative else targets

    def settings_of_alternative(self, name):
        """Settings of an alternative without its description, which does not affect results."""
        return {key: value for key, value in self.alternatives()[name].items() if key != "description"}

    def records_of_alternative(self, name):
        """Folder of an alternative's training records: its own if it changes targets, else the model's."""
        if self.alternatives()[name]["targets"]:
            return f"results/comparison/{name}/records"
        return f"results/records/{self.split_of_model(self.config['figures']['model'])}"
