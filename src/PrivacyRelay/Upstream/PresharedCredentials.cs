namespace PrivacyRelay.Upstream;

/// <summary>Pays with a preshared key, the same for every tunnel.</summary>
internal sealed class PresharedCredentials(string key) : IHopCredentials
{
    private readonly string _field = "Preshared " + key;

    public ValueTask<HopAuthorization> AuthorizeAsync(CancellationToken cancellationToken) => new(new HopAuthorization(_field, challenge: null));

    public void Accepted(HopAuthorization authorization)
    {
    }

    public bool Refused(HopAuthorization authorization, ConnectResponse response) => false;

    public void GiveUp()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
