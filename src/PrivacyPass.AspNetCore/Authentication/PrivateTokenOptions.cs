using Microsoft.AspNetCore.Authentication;

namespace PrivacyPass.AspNetCore.Authentication;

/// <summary>Which tokens an origin takes.</summary>
public sealed class PrivateTokenOptions : AuthenticationSchemeOptions
{
    /// <summary>The challenges sent with a 401, the preferred one first. When keys rotate, assign a new list: requests under way keep theirs.</summary>
    public IReadOnlyList<PrivateTokenOffer> Offers { get; set; } = [];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        if (Offers.Count == 0) throw new InvalidOperationException($"{nameof(PrivateTokenOptions)}.{nameof(Offers)} must hold at least one challenge with its keys.");
    }
}
