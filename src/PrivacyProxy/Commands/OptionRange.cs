using System.CommandLine;
using System.Globalization;

namespace PrivacyProxy.Commands;

/// <summary>Whole numbers in options, refused by name when out of range.</summary>
internal static class OptionRange
{
    /// <summary>Bounds what may be given. The text is looked at: the value of one that does not parse cannot be asked for.</summary>
    public static void Bound(this Option option, int least, int most = int.MaxValue)
    {
        var expected = most == int.MaxValue ? $"a number from {least}" : $"a number from {least} to {most}";
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..] && !(int.TryParse(token.Value, CultureInfo.InvariantCulture, out var given) && given >= least && given <= most))
                result.AddError($"{option.Name} must be {expected}.");
        });
    }
}
