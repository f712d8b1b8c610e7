namespace PrivacyProxy.Tunnels.Rates;

/// <summary>What one request has taken of a rate; default for nothing.</summary>
internal readonly struct RateShare(RateTable table, int hash)
{
    /// <summary>The request was worth nothing.</summary>
    public void GiveBack() => table?.GiveBack(hash);
}
