"""Static files under names that carry a hash of their content."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Also rewrites the `import "./x.js"` of modules, so that a release never mixes old and new scripts."""

    support_js_module_import_aggregation = True
