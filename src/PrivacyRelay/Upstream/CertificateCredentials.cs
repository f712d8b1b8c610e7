namespace PrivacyRelay.Upstream;

/// <summary>Pays with nothing: the certificate shown in the handshake is what the proxy wants.</summary>
internal sealed class CertificateCredentials : IHopCredentials
{
    public ValueTask<HopAuthorization> AuthorizeAsync(CancellationToken cancellationToken) => new(new HopAuthorization(field: null, challenge: null));

    public void Accepted(HopAuthorization authorization)
    {
    }

    public bool Refused(HopAuthorization authorization, ConnectResponse response) => false;

    public void GiveUp()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
