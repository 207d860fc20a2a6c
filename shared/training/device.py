"""Where a run computes and in which precision."""

import torch

from scenara.shared.errors import ConfigError

__all__ = ["autocast", "resolve_device"]


def resolve_device(name: str | torch.device = "auto") -> torch.device:
    """Find the device that a name stands for.

    Args:
        name: "auto" (CUDA where it is available, else the CPU), "cpu", "cuda", "cuda:1", "mps".

    Returns:
        The device, which is there.

    Raises:
        ConfigError: If the device is unknown or this machine does not have it.

    Example:
        >>> resolve_device("cpu")
        device(type='cpu')
    """
    if str(name) == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise ConfigError(
            f"device: expected 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps', found {name!r}"
        ) from error
    if not _is_there(device):
        raise ConfigError(
            f"device: this machine has no {str(device)!r} that torch {torch.__version__} can use; "
            "choose 'cpu' or 'auto'"
        )
    return device


def _is_there(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def autocast(device: torch.device, *, bfloat16: bool | None = None) -> torch.autocast:
    """Give the context in which losses are computed.

    Without bfloat16 instructions a CPU is several times slower under autocast, and its networks
    here are too small to gain with them; so only CUDA gets it unasked.

    Args:
        device: Where the loss is computed.
        bfloat16: True or False to have it so; None for True on CUDA devices that compute in it.

    Returns:
        A context that changes nothing where bfloat16 is off.

    Example:
        >>> with autocast(torch.device("cpu"), bfloat16=True):
        ...     (torch.ones(2, 2) @ torch.ones(2, 2)).dtype
        torch.bfloat16
    """
    if bfloat16 is None:
        bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported(False)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=bfloat16)
