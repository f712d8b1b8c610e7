using System.Globalization;
using Microsoft.Extensions.Options;

namespace PrivacyProxy.Tunnels;

/// <summary>Names a wrong key in full, its value and what is allowed.</summary>
internal sealed class DrainOptionsValidator : IValidateOptions<DrainOptions>
{
    private static readonly TimeSpan _max = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, DrainOptions options) =>
        options.Timeout >= TimeSpan.Zero && options.Timeout <= _max
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{DrainOptions.SectionName}:{nameof(options.Timeout)} is '{options.Timeout.ToString("c", CultureInfo.InvariantCulture)}'; allowed: {TimeSpan.Zero:c} to {_max:c}.");
}
