from ._check import check_encoder as check_encoder
from ._encoder import Encoder as Encoder
from ._head import GroupedLogisticRegression as GroupedLogisticRegression
from ._registry import card as card
from ._registry import fetch as fetch
from ._registry import names as names
from ._ridge import GroupedRidge as GroupedRidge
from ._transformer import EncoderTransformer as EncoderTransformer
