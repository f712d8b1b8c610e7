using System.ComponentModel.DataAnnotations;
using PrivacyProxy.Configuration;

namespace PrivacyProxy.Commands.Services;

/// <summary>One entry of <c>BearerKeys</c>.</summary>
internal sealed class BearerKeySettings
{
    /// <summary>The secret a client sends.</summary>
    [Secret]
    [RegularExpression("[A-Za-z0-9._~+/=-]{16,512}", ErrorMessage = "16 to 512 characters, only letters, digits and -._~+/=")]
    [Required]
    public string Key { get; set; } = "";

    /// <summary>Tokens in each window; 0 suspends the key.</summary>
    [Range(0, int.MaxValue)]
    public int Quota { get; set; } = 1000;

    /// <summary>After which the quota is full again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "366.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);
}
