"""A model behind HTTP: a recording is uploaded, and JSON comes back. See docs/guide/service.md."""

import os

from fastapi import FastAPI, HTTPException, UploadFile

import sklaudio

MAX_BYTES = 10_000_000
CANNOT_BE_READ = {413: {"description": "The file is too large"}, 422: {"description": "The file is not sound"}}

model = sklaudio.load(os.environ.get("MODEL", "words.skops"))
app = FastAPI()


@app.post("/predict", responses=CANNOT_BE_READ)
def predict(file: UploadFile) -> dict:
    """Return the class of a recording, and the probability of each."""
    content = file.file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise HTTPException(413, f"The file has more than {MAX_BYTES} bytes.")
    try:
        (probabilities,) = model.predict_proba([{"bytes": content}])  # a dict: bytes alone may be taken for a path
    except sklaudio.UnreadableClipError as error:
        raise HTTPException(422, error.reason) from error
    return {
        "label": str(model.classes_[probabilities.argmax()]),
        "probabilities": dict(zip(model.classes_.tolist(), probabilities.tolist(), strict=True)),
    }
