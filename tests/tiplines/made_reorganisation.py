"""Prashant Vihar closes and Naya Vihar opens in its place: the two files."""

from districts.reorganisation_files import COLUMNS
from tests.districts.made import square
from tests.districts.test_loading import collection, feature

OLD, NEW = "ROH-PRASHANT-VIHAR", "ROH-NAYA-VIHAR"
AREA = square(28.718, 77.127, half=0.02)
LAYER = collection(feature(NEW, AREA))
STATIONS = f"""{",".join(COLUMNS)}
opens,{NEW},Naya Vihar,नया विहार,ROH,{OLD}
closes,{OLD},,,,
"""
