using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PrivacyProxy.Egress.Policy;

/// <summary>The destination ports that may be dialled.</summary>
internal sealed class PortSet
{
    private readonly BitArray? _ports; // null: any

    private PortSet(BitArray? ports) => _ports = ports;

    public bool Contains(int port) => port is > 0 and <= 65535 && (_ports is null || _ports[port]);

    /// <summary>Reads <c>443,80</c> or <c>any</c>.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PortSet? ports)
    {
        ports = null;
        if (string.Equals(text?.Trim(), "any", StringComparison.OrdinalIgnoreCase))
        {
            ports = new PortSet(null);
            return true;
        }

        var bits = new BitArray(65536);
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is 0 or > 65535) return false;
            bits[port] = true;
        }

        ports = new PortSet(bits);
        return true;
    }
}
