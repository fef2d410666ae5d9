"""Which records without a shared key are one person? Proposed from the data, learned by Splink, doubt is asked."""
