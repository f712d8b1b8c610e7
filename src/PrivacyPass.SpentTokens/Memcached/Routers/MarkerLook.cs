using PrivacyPass.SpentTokens.Memcached.Nodes;

namespace PrivacyPass.SpentTokens.Memcached.Routers;

/// <summary>What a look at one marker gave.</summary>
/// <param name="Kind">Whether there was an answer.</param>
/// <param name="Epoch">The marker; with <see cref="MarkerLookKind.Seen"/> only.</param>
/// <param name="IsNew">True when it was not there, and this look has written it.</param>
internal readonly record struct MarkerLook(MarkerLookKind Kind, NodeEpoch? Epoch = null, bool IsNew = false)
{
    public static MarkerLook None => default;

    public static MarkerLook Away => new(MarkerLookKind.Away);
}
