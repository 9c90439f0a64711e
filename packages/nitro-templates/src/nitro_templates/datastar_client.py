"""Which Datastar client comes with this package: the one place that says so.

The build hook reads the values below from this file, so it imports nothing of ours.
"""

FILE = "datastar.js"
VERSION = "1.0.1"
SHA256 = "31c8c9efb895beadeba5f73407c3ca60201dee321c5dea56c182817b475bde9f"

# Datastar's bundle is not on npm; the one release on PyPI that carries a 1.0 client.
SOURCE = "starhtml==0.7.0"
MEMBER = "starhtml/static/js/datastar-core.js"

# Upstream's newest, for ``configure(datastar=..., datastar_integrity=...)``.
UPSTREAM_URL = "https://cdn.jsdelivr.net/gh/starfederation/datastar@v1.0.4/bundles/datastar.js"
UPSTREAM_INTEGRITY = "sha256-cnhErfyCXuZR+5PFRKKnOZhvmiGCCpRSSzXwysRwz5E="

NOTICE = """\
datastar.js is the client of Datastar 1.0.1 (https://data-star.dev), as modified and
published in the Python package starhtml 0.7.0 (its first line names the changes).

Datastar is licensed under the MIT License:

Copyright \u00a9 Star Federation

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
