"""Questions, and what may be answered."""

# mypy: disable-error-code="var-annotated"

from django.contrib import admin
from django.db import models


class Question(models.Model):
    text = models.CharField(max_length=50)
    published = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.text)

    def get_absolute_url(self) -> str:
        return f"/polls/{self.pk}/"


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE)
    text = models.CharField(max_length=50)
    votes = models.IntegerField(default=0)


admin.site.register(Question)
